// What the program tells the page, topic by topic, and what the page can ask for. For those who read and check the
// scripts; no browser loads it. The Python side: `page/state.py` (session), `commands/session/page_setup.py` (setup),
// `page/screen.py` (summary), `page/sharing.py` (share), `page/review_api.py` (review). Times in whole seconds.

export type SeatState = "known" | "declined" | "asked" | "waiting" | "away";
export type AirtimeDisplay = "hidden" | "hints" | "shown";

export interface Seat {
  name: string;
  state: SeatState;
  enrolled: number; // part of the voice that is learned, 0 to 1
  ring: { filled: number; words: string | null } | null;
  speaking: boolean;
  floor: boolean;
  hand: boolean;
}

export interface Button {
  command: string;
  key: string;
}

export interface Choice {
  value: number;
  key: string;
  label: string;
}

export interface Mark {
  id: number;
  by: string;
  over: string;
}

export interface Session {
  at_s: number;
  stage: string;
  stage_kind: string;
  round: number | null;
  rounds: number | null;
  floor: string | null;
  used_s: number;
  left_s: number | null; // below zero: for so long over
  next: string | null;
  speaking: string[];
  guest: boolean;
  someone: boolean;
  own_voice: boolean;
  people: Seat[];
  said: string;
  language: string;
  paused: boolean;
  not_counted: boolean;
  quiet: boolean;
  listening: boolean;
  buttons: Button[];
  hands: boolean;
  choices: Choice[];
  last: string | null; // to whom what was said last is counted
  slider: { least: number; most: number; step: number } | null;
  queue: string[];
  marks: Mark[];
  ties: LiveTie[] | null; // null: there is no map of the table now
  airtime: AirtimeDisplay;
  away: boolean;
  trouble: string | null;
  ended: boolean;
}

export interface LiveTie {
  by: string;
  to: string;
  next: number; // how often `by` came after `to`
  cut_ins: number;
}

export interface SummaryPerson {
  name: string;
  share: number;
  share_low: number;
  share_high: number;
  airtime_s: number;
  turns: number;
  longest_turn_s: number;
  cut_ins_made: number;
  cut_ins_received: number;
  repaid_s: number;
}

export interface AgreedItem {
  text: string;
  owner: string | null;
  by: string; // "by Friday, 13 March 2026"; empty: no day
}

export interface Summary {
  first: string; // what mattered most
  glance: { what: string; figure: string }[];
  told: string;
  question: string;
  has_shares: boolean; // whether anybody's part of the talk can be told
  people: SummaryPerson[];
  details: string[];
  rules: string[];
  again: string;
  guesses: Record<string, number>;
  agreed: AgreedItem[];
  language: string;
}

export interface After {
  session: number; // its number
  another: boolean; // whether the next one can begin
  room: "" | "ask" | "waiting" | "fetched" | "failed"; // a room has followed it: whether it may have it
  told: string; // what would go with it, or why it could not be handed over
}

export interface Person {
  name: string;
  say: string; // how it is pronounced, where that is not as it is written
}

export interface OfferedFormat {
  name: string;
  title: string;
  summary: string;
  minutes: string | null;
  rounds: number | null;
  timed: boolean;
  talk: boolean;
  alone: boolean;
  airtime: AirtimeDisplay;
}

export interface Device {
  id: string;
  name: string;
}

export interface Offer {
  people: Person[];
  known: Person[];
  last: string[]; // who was there last time; none: it was not so many
  most: number;
  formats: OfferedFormat[];
  languages: { code: string; name: string; by_key: string }[];
  format: string;
  minutes: string | null;
  rounds: number | null;
  language: string;
  airtime: string | null;
  listening: boolean;
  devices: Device[];
  device: string | null;
  audio: string | null;
  unfinished: string | null;
  groups: string[]; // none where nobody has named any; empty: no group
  group: string;
}

export interface Level {
  db: number;
  verdict: string;
  message: string;
}

export interface VoiceState {
  state: "speaking" | "spoken" | "shown" | "failed";
  message: string;
}

export interface Sharing {
  on: boolean;
  problem: string;
  url: string;
  role: string;
  code: string[]; // rows of the QR code, "1" is dark
  where: string;
  others: string[];
  guests: number;
  telephones: string[]; // whose own ones are here
  help: boolean; // the room is asked for it
}

export interface Correction {
  kind: "left-out" | "made-guest" | "reassigned" | "seated" | "renamed" | "merged";
  person?: string | null;
  start_ms?: number;
  end_ms?: number;
  to?: string;
  into?: string;
}

export interface ReviewFound {
  title: string;
  html: string;
  sentence?: string;
  ended: boolean;
  seats: string[];
  people: string[]; // to whom speech can be given
  corrections: { number: number; told: string; undone: boolean }[];
}

/** What somebody's own telephone shows. */
export interface Mine {
  name: string;
  ring: Seat["ring"];
  likely: [number, number] | null;
  floor: boolean;
  holder: string | null;
  left_s: number | null;
  next: boolean;
  hand: boolean;
  queue: string[];
  ways: string[];
  paused: boolean;
  ended: boolean;
}

export interface Topics {
  table: { people: string[] };
  mine: Mine;
  tour: Record<string, Record<string, string>>; // in each language, in the demonstration
  taken: string;
  session: Session;
  summary: Summary;
  after: After;
  badge: string;
  /** What somebody else than the facilitator says, in the demonstration. */
  caption: string;
  setup: Offer;
  lengths: Record<string, string>;
  due: { told: string };
  level: Level;
  devices: Device[];
  voice: VoiceState;
  problem: { message: string; where: string; typed: boolean };
  share: Sharing;
  review: { session: number };
  changed: number;
}

/** One message: its topic and what belongs to it. */
export type Message = { [T in keyof Topics]: { topic: T; body: Topics[T] } }[keyof Topics];

export type Order = (what: string, more?: Record<string, unknown>) => void;
export type Notice = (why: string, sentence: string) => void;

export interface Around {
  order: Order;
  notice: Notice;
  role: string;
  share: import("./share.js").Share;
}

export interface Screen {
  tell(message: Message): void;
  named?(name: string): void;
  leave?(): void;
  over?(): void;
}
