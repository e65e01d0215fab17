"""How good the answers are: labelled questions are asked, scored, compared and reported."""
