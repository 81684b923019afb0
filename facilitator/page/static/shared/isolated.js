// @ts-check
// Names that are written from the right.

const RIGHT_TO_LEFT = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}";
const RUN = new RegExp(`[${RIGHT_TO_LEFT}](?:[${RIGHT_TO_LEFT}\\s'’-]*[${RIGHT_TO_LEFT}])?`, "gu");

/** A name in Hebrew or Arabic turns nothing round that stands beside it: as in <bdi>, which attributes and SVG do not
 * have.
 * @param {string} text */
export function isolated(text) {
  return text.replace(RUN, "\u2068$&\u2069");
}
