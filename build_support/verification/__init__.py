"""Whether a bundle is what it says, and works as an end user has it."""
