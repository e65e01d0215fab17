"""What a question wants an amount of, and which sentences tell one."""

import pytest

from bot.answers.amounts import Amount, wanted_amount
from index.searching.lexical import terms_of


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("how long is a captain in office", Amount.TIME),
        ("how many hrs a week do they work", Amount.TIME),
        ("is it full time", Amount.TIME),
        ("how much does a web ops engineer make", Amount.MONEY),
        ("are the coaches paid", Amount.MONEY),
        ("do they get paid parental leave", None),
        ("who pays the vet", None),
        ("how much coding does a tech lead do", None),
        ("how old do you have to be", Amount.AGE),
        ("which months do they need drivers", Amount.DATE),
        ("what percent of the week do they code", Amount.SHARE),
        ("how many people are on the board", Amount.COUNT),
        ("what does a nurse do", None),
    ],
)
def test_questions_want_amounts(question: str, amount: Amount | None) -> None:
    wanted = wanted_amount(question)
    assert (wanted.amount if wanted else None) is amount


@pytest.mark.parametrize(
    ("question", "told", "untold"),
    [
        ("how long is the term", "You serve for two years.", "The term ends in June."),
        ("how long is the term", "The post is permanent.", "You keep minutes in time."),
        ("how many years do they serve", "Some ten years.", "At least 18 years of age."),
        ("how much of the week is code", "Between 50% and 70%.", "Code takes time."),
        ("how long is a shift", "From 9:00 to 18:00.", "A shift begins with a talk."),
        ("is it full time", "This is a full-time post.", "Time flies."),
        ("what does it pay", "It comes to $22/hour.", "You count 22 heads."),
        ("what does it pay", "Between RM4,000 and RM5,500.", "Room RM4 is yours."),
        ("what does it pay", "All roles are voluntary.", "You will need a till."),
        ("how old must I be", "You must be 18 or older.", "Bring 18 chairs."),
        ("what percent is travel", "Some 40% of it.", "You travel by train."),
        ("which months", "From September on.", "You may march along."),
        ("which months", "On 3 March.", "In rooms."),
        ("how many people report to them", "A team of 5 engineers and 2 staff.", "3 dogs."),
        ("how many languages must I know", "At least one programming language.", "3 dogs."),
        ("how big is the team", "There are eight.", "The team is there."),
    ],
)
def test_sentences_tell_them(question: str, told: str, untold: str) -> None:
    wanted = wanted_amount(question)
    assert wanted is not None
    assert wanted.is_told_in(told, frozenset(terms_of(told)))
    assert not wanted.is_told_in(untold, frozenset(terms_of(untold)))
