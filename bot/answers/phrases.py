"""The phrases by which questions compare, point, go on, greet and turn to something else."""

import re

COMPARING = re.compile(
    r"\b(?:vs\.?|versus|v\.s\.|differ(?:s|ent(?:ly)?|ences?|ing)?|dif+(?:e?rent|s)?\b|diffrent"
    r"|differnce|compar(?:e[ds]?|ed|ing|ison)|distinguish(?:es)?|distinction|apart|unlike"
    r"|(?:the )?same (?:as|thing|job|role|work)|similar(?:ity|ities)?|overlaps?|in common"
    r"|(?:any|no|some)thing like|much like"
    r"|which is which|chang(?:es?|ed|ing) (?:from|between)"
    r"|better|mix(?:ed|ing)? (?:those|them|these)?\s*up|what'?s what|instead of|rather than)\b",
    re.IGNORECASE,
)
RANKING = re.compile(
    r"\b(?:above|below|(?:more|less|fewer)(?: \w+){0,3} than|(?:\w+er|senior) (?:than|to)"
    r"|as (?:much|many|often|hard|high|long|well|far|senior)(?: \w+)? as)\b",
    re.IGNORECASE,
)
"""What ranks one of two roles before the other: "is a maintainer above a collaborator"."""

COMPARING_WORDS = re.compile(
    r"\b(?:vs\.?|versus|compar(?:e[ds]?|ing|ison)(?: (?:to|with|of))?|between"
    r"|differ(?:s|ent|ence|ences)?(?: (?:from|to|than))?|and|or|the|an?|of|than|as|each|both|either"
    r"|them|those|these|whats?|what'?s"
    r"|(?:changes|(?:suits?|fits?) (?:me|you|us|someone)(?: (?:better|best|more|most))?)(?=\W*$))\b"
    r"|[,;:/?]",
    re.IGNORECASE,
)
SPACE_BEFORE_MARK = re.compile(r"\s+(?=[?!.,;])")
AT_A_PLACE = re.compile(r"at [\w'’&-]+", re.IGNORECASE)
OTHER_SIDE = re.compile(
    r"\b(?:vs\.?|versus|(?:differ(?:s|ent(?:ly)?|ence|ences)?|distinct|apart) from"
    r"|(?:same|identical)(?: \w+)? (?:as|to)|compared (?:to|with)|difference between"
    r"|mixed up with|confused with)\s+(?:being |just )?"
    r"(?:an? |the |normal |regular |just )*(?P<name>[^\W\d_][\w&-]*(?: [^\W\d_][\w&-]*){0,3})",
    re.IGNORECASE,
)
BEFORE_VERSUS = re.compile(
    r"(?P<name>[^\W\d_][\w&-]*(?: [^\W\d_][\w&-]*){0,2})\s+(?:vs\.?|versus)\s", re.IGNORECASE
)
BEFORE_NAME = re.compile(r"(?<![\w'’-])(?P<word>[^\W\d_][\w&-]+) $")
_NAME = r"(?P<name>[^\W\d_][\w&-]*(?: [^\W\d_][\w&-]*){0,2}?)"
_ENDS_CHOICE = r"\s*(?=[?.,!;:]|$|\s-\s|\s(?:which|who|whos|whose|what)\b)"
BEGINS_CHOICE = re.compile(
    r"(?:^|[,:;?.!]\s+|\s-\s|\bshould i \w+ (?:for |into )?)(?:an?\s|the\s|in\s|being\s)*$",
    re.IGNORECASE,
)
ENDS_CHOICE = re.compile(_ENDS_CHOICE, re.IGNORECASE)
OR_ANOTHER = re.compile(rf"\s+or\s+(?:an? |the |in |being )*{_NAME}{_ENDS_CHOICE}", re.IGNORECASE)
ANOTHER_OR = re.compile(
    rf"(?:^|[,:;?.!]\s+|\s-\s)(?:an? |the |in )*{_NAME}\s+or\s+(?:an? |the |in )*$",
    re.IGNORECASE,
)
"""Two that are to be told apart, with nothing else between two marks: "cabin crew or a pilot"."""

ASKS_WHICH = re.compile(r"\b(?:which|who|whos|who's|whose|both|better|more|less)\b", re.IGNORECASE)
SHOULD_I = re.compile(r"\bshould i (?:be|become|choose|do|go for|go into|pick)\b", re.IGNORECASE)
ASKS_WHO = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|alright|so|and|but|then|anyway)\b\W*)*who(?:['’]?s)?\s+"
    r"(?!(?:do|does|did|is|are|was|were|else|would|should|can|could|will)\b)\w+",
    re.IGNORECASE,
)
"""What asks who does something, be it another: "so who applies for grants"."""

JOINING = re.compile(r"\b(?:and|or|vs\.?|versus)\b|[/,]", re.IGNORECASE)
ASKS_TWICE = re.compile(
    r"(?:\band|[,;])\s+(?:what|whats|how|hows|which|who|whos|where|when|why)\b", re.IGNORECASE
)
OF_BOTH = re.compile(r"\b(?:both|each|either|respectively)\b", re.IGNORECASE)
WORD_OF_NAME = re.compile(r"[^\W_][\w&-]*")
NOT_COMPARED = frozenset(
    """
    thing job role work career same different difference they them those these others other jobs
    roles normal regular two both one ones what which who pay salary skills tools money hours lol
    or and anyone someone something anything nobody none similar else senior junior beginner degree
    """.split()
)
OTHER_TOPIC = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|alright|so|right|anyway|now|but|and|thx|thanks|cool|random)\b\W*)*(?:a )?"
    r"(?:(?:different|another|other|new|next|random) (?:question|topic|thing|one|q)"
    r"|forget (?:that|it|\w+)|never ?mind|unrelated|changing (?:topic|subject)s?)\b"
    r"\W*(?:but|so|though|then|and|now)?\W*",
    re.IGNORECASE,
)
CHOOSING = re.compile(r"\b(?:or|vs\.?|versus)\b|/", re.IGNORECASE)
MORE_OF_TWO = re.compile(
    r"\b(?:who|which(?: one| of (?:them|those|these|the two))?|what)\b.*"
    r"\b(?:more|most|less|least|better|best|higher|highest|lower|earlier|easier|harder|\w{3,}er)\b",
    re.IGNORECASE,
)
POINTING = re.compile(
    r"\b(?!(?:this|that|it) (?:takes?|lasts?|happens?|costs?|means?)\b)"
    r"(?:th(?:is|at|ese|ose)(?: (?:roles?|jobs?|positions?|careers?|kinds? of work|works?|ones?"
    r"|fields?|lines? of work|persons?|people))?|the (?:first|second|last|other|latter|former)"
    r" (?:ones?|role|job)|the (?:role|job|position|career|work)|its?|they|them|their|theirs"
    r"|s?he|hi[ms]|hers?|(?<=\bfrom )there|(?<=\bget )there|(?<=\bgot )there|(?<=\bin )there"
    r"|there(?=\W*$)"
    r"|(?:(?<=\bas )|(?<=\bbecome )|(?<=\bbe )|(?<=\bbecoming ))one(?! of\b))\b",
    re.IGNORECASE,
)
PRONOUN = re.compile(r"\b(?:they|them|theirs?|its?|s?he|hi[ms]|hers?)\b", re.IGNORECASE)
ASKED_FOR = re.compile(r"\b(?:which|what (?:kinds?|sorts?|types?) of)\s+$", re.IGNORECASE)
"""Before what is asked for, and not about: "with which doctors"."""

THEIRS = re.compile(r"\b(?:their|its|his|her) $", re.IGNORECASE)
THE_ROLE = re.compile(
    r"\b(?:th(?:is|e|at) (?:role|job|position|career|work|kind of work|field)(?! [a-z]*(?:life"
    r"|outlook|market|levels?|titles?|hours|ladder|path|interview))|this|it(?! takes?\b)|its)\b",
    re.IGNORECASE,
)
ROLE_NAMED = re.compile(r"\b(?:(?:an?|the) )?(?:this|another) role(?:'s|s)?\b", re.IGNORECASE)
GOING_ON = re.compile(
    r"^\W*(?:ok(?:ay)?|alright|and|but|so|or|then|also|what about|how about|what of|same"
    r"|why|more|tell me more|go on|else|any|which one|the (?:first|second|last|other) one)\b",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|hiya|yo|sup|help|good (?:morning|evening|day|bot)|there|bot|rolewise"
    r"|what can (?:you|u) do|(?:can you |can u )?help(?: me)?|how does this work"
    r"|what(?:['’]?s| is) (?:your|ur) name|(?:who|what) (?:are|r) (?:you|u)|(?:who|what) made you"
    r"|are you (?:an? )?(?:ai|bot|human|real|robot))\b\W*)+$",
    re.IGNORECASE,
)
WHAT_THERE_IS = re.compile(
    r"^\W*what (?:can|do) you (?:know|answer)(?: about)?\W*$"
    r"|^\W*(?:what|which|list|show(?: me)?|tell me)(?: (?:all|of|the|your))*"
    r" (?:roles?|guides?|jobs?|careers?|professions?|occupations?|topics?|documents?)"
    r"(?: (?:do|can|are|have|you|i|we|there|here|know|cover|about|ask|of|available|got))*\W*$",
    re.IGNORECASE,
)
THANKING = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|cool|great|nice|thanks?|thank you|thx|ty|cheers|perfect|awesome|bye"
    r"|got it|very much|a lot|so much|good bot|(?:ha)+h?|(?:he)+h?|lo+l|lmf?ao|rofl|xd|wow|oh"
    r"|i see|makes sense|fair enough|interesting)\b\W*)+$",
    re.IGNORECASE,
)
MORE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|but|so|any|can you|please|pls)\b\W*)*(?:tell me|give me|say|show me)?"
    r"\W*(?:some |any )?(?:more|go on|continue|what else|anything else|else)\b"
    r"(?:\W*(?:about (?:it|that|this)|details?|info(?:rmation)?|please|pls))*\W*$",
    re.IGNORECASE,
)
WHO_ASKS = re.compile(
    r"(?:\b(?:i(?:['’]?m| am|['’]?ve been| have been) (?:currently |now |just |not )?"
    r"(?:an? |working as )"
    r"|(?:coming|came|come|switch\w*|mov\w*) from (?:being )?(?:an? )?)"
    r"|(?<!if )\b(?:i was|i used to be|i worked as|must i be"
    r"|(?:have|need) to (?:be|have been)|been) an? )"
    r"(?:(?!to |or |and |vs |versus |from )\w+ ){0,2}$",
    re.IGNORECASE,
)
"""What stands before a role that tells of the person who asks, if the question names another."""

WHO_DOESNT_ASK = re.compile(r"\bi(?:['’]?m| am) (?:not|no) (?:an? )?$", re.IGNORECASE)
"""What stands before what somebody is not: "I'm not a born salesman"."""

BUT_NOT_ASKED_ABOUT = re.compile(
    r"(?<!if )\b(?:i was|i used to be|i worked as|been) an? (?:\w+ )?$"
    r"|\bdo i (?:have|need) to be an? $",
    re.IGNORECASE,
)
"""What stands before one that the guides may lack, if more is asked behind it."""

AS_EXPERIENCE = re.compile(
    r"\s+(?:background|experience|qualifications?|training)\b", re.IGNORECASE
)
"""What somebody must have who is another: "nurse experience"."""

AN = re.compile(r"\ban? $", re.IGNORECASE)
AS_ONE = re.compile(r"\bas an? $", re.IGNORECASE)
"""What stands before whom one would be: "as a nurse"."""

DEFINITE = re.compile(r"\b(?:the|my|our|their|your) $", re.IGNORECASE)
"""What stands before those that somebody deals with: "the surgeon"."""

JOINED_BEHIND = re.compile(r"\s*(?:or|and|vs\.?|versus)\b|/", re.IGNORECASE)
GOES_ON_BEHIND = re.compile(r"\s+(?:to|for|in order to) (?!be\b)\w+|[^?]*,\s*\w+", re.IGNORECASE)
THIS_ROLE_BEHIND = re.compile(
    r".*\b(?:this|that) (?:role|job|position|career|work)\b", re.IGNORECASE
)
SAME_QUESTION = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|but|so|or|alright|then)\b\W*)*"
    r"(?:what about|how about|what of|same(?: question)?(?: for| with| about)?|as|at|from|to|for"
    r"|with|vs|versus|compared to|than)?\W*(?:an?|the|to|from|for|with)?\W*$",
    re.IGNORECASE,
)
WORD_ALONE = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|but|so|or|alright|then)\b\W*)*"
    r"(?:what about|how about|what of|same(?: question)?(?: for| with)?)?\W*"
    r"\b(?P<article>an? |the )?(?P<word>[a-z-]+)(?P<one> ones?)?\W*$",
    re.IGNORECASE,
)
"""A follow-up that is but one word of a role's name: "and the director?", "and principal?"."""

ORDINAL = re.compile(
    r"\bthe (first|second|last|other|latter|former)(?: ones?| role| job)?\b", re.IGNORECASE
)
END_OF_QUESTION = re.compile(r"(?<=\?)(?:\s+|$)|\s*\n\s*")
END_OF_SENTENCE = re.compile(r"(?<=[.!])\s+")
ASKS = re.compile(
    r"^\W*(?:(?:and|but|also|so|ok(?:ay)?|then|plus)\b\W*)*"
    r"(?:what|whats|which|who|whos|whom|whose|when|where|why|how|hows|is|isnt|are|arent|do|does"
    r"|dont|doesnt|did|can|could|should|would|will|any)\b",
    re.IGNORECASE,
)
