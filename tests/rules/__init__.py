"""Tests of the whole house: what must hold in every room."""
