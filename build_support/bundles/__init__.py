"""The stages that make a bundle, and the plan that decides what it will be."""
