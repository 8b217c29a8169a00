"""One drawing becomes the icons of three systems: a set of PNG files, an .ico and an .icns."""
