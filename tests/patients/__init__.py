"""Whole patients as wards describe them, with what a haematology specialist would say."""
