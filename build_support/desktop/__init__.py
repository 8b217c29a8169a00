"""The window at build time: Node, Electron, and the sessions that open a window."""
