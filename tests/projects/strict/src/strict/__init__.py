"""A project that works, and that a careless check would refuse: its rules are its own."""
