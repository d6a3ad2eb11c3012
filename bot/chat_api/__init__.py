"""The HTTP API of the model: chat completions with audio.

providers   the systems we know and how each differs, as data; provider: what that may be
request     our prompt as JSON; messages: the conversation in it
receiving   what a success says, whole or in pieces
answer      a whole answer; merging: a streamed one, its events by sse
wire        the JSON of both; pieces: one choice of it, calls: the functions it wants called
assembling  what was said as our reply; usage: its tokens by kind
failures    refusals as our errors; upstream: what servers say of them, in every shape
midway      failures told in the middle of an answer
retries     whether and when to ask again; attempts: until it is answered
server      one server and what lets us in; address: where a base URL leads
passages    long text in parts that can be spoken at once
heavy       work that would stall the loop
transport   one HTTP request: caps, no redirects
client      the calls of chat completions: deadline and retries around them; model_info: one more
speech      the calls that speak given words
"""
