"""Screens: everything a person sees."""
