"""Speaking: questions become answers, in Discord, in a terminal and as JSON."""

import index as _index  # noqa: F401 – sets what NumPy reads when it is first imported
