"""What evaluation servers take, and what they answer."""
