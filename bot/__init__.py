"""Speaking: questions become answers, for Discord, the REPL and the command line."""
