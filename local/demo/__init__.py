"""
`make demo`: the main job on real input, shown step by step.

The apps are Node.js programs (`*.mjs`) around the real Firebase JS SDK: `tour.mjs` is the demo,
`burst.mjs` what it becomes with `--kill`. Python only finds the stack and starts them.
"""
