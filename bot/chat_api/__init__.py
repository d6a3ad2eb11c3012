"""The HTTP API of the model: chat completions with audio.

request     our prompt as JSON
answer      their JSON as our reply; usage: its tokens by kind
failures    refusals of every shape as our errors
retries     whether and when to ask again; attempts: until it is answered
address     where a base URL leads
passages    long text in parts that can be spoken at once
transport   one HTTP request: caps, no redirects
client      the calls of chat completions: deadline and retries around them
speech      the calls that speak given words
"""
