"""Whose work is shipped, under which licences, with the texts that these ask to pass on."""
