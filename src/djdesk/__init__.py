"""The example project that DJDesk ships as a desktop application: a notes program."""
