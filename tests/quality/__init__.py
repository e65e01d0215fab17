"""Labelled questions on guides of every manner: parameters are chosen and figures taken on them."""
