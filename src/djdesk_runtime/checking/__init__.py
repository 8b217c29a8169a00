"""What the build asks of a bundle: do its pages answer, is what they name there, is data kept."""
