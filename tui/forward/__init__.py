"""Sending stored events to the app of a developer: what is sent, how, and what came back."""
