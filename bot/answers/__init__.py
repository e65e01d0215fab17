"""A question and what was said before go in; an answer, a comparison or a refusal comes out."""
