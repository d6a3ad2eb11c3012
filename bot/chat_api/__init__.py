"""The HTTP API of the model: chat completions with audio.

request     our prompt as JSON
answer      their JSON as our reply; usage: its tokens by kind
failures    refusals of every shape as our errors
retries     whether and when to ask again; attempts: until it is answered
address     where a base URL leads
transport   one HTTP request: caps, no redirects
client      the calls: deadline and retries around it
"""
