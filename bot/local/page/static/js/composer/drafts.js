/** What was written and not sent, room by room. */

const drafts = new Map();

/** @returns {{text: string, files: any[]}} */
export const draftOf = (channelId) => drafts.get(channelId) ?? { text: "", files: [] };

export function keepDraft(channelId, text, files) {
  if (text || files.length) drafts.set(channelId, { text, files });
  else drafts.delete(channelId);
}

export const forgetDrafts = () => drafts.clear();
