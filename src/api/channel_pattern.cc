#include "api/channel_pattern.h"

#include <utility>

namespace usher::api {
namespace {

constexpr std::string_view kSpecial = "*?[{\\";

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

}  // namespace

// Reads from the end of what follows to its beginning: each piece is made for the step behind it.
// So a text is cut into pieces first, then the pieces are made back to front.
class ChannelPatternParser {
 public:
  using Step = ChannelPattern::Step;
  using Characters = ChannelPattern::Characters;

  ChannelPatternParser(ChannelPattern& pattern, std::string_view text)
      : pattern_(pattern), rest_(text) {}

  bool run() {
    const std::uint32_t end = add({.kind = Step::Kind::end});
    const auto sequence = read_sequence(0);
    if (!sequence || !rest_.empty()) return false;
    pattern_.first_ = make(*sequence, end);
    return true;
  }

 private:
  struct Piece;
  using Sequence = std::vector<Piece>;
  struct Piece {
    enum class Kind : std::uint8_t { one, run, either };
    Kind kind;
    Characters characters{};
    std::vector<Sequence> choices{};
  };

  std::uint32_t add(Step step) {
    pattern_.steps_.push_back(step);
    return static_cast<std::uint32_t>(pattern_.steps_.size() - 1);
  }

  std::optional<char> take() {
    if (rest_.empty()) return std::nullopt;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // Inside braces a `,` or `}` ends it, and stays.
  std::optional<Sequence> read_sequence(int depth) {
    Sequence sequence;
    while (!rest_.empty()) {
      if (depth > 0 && (rest_.front() == ',' || rest_.front() == '}')) break;
      auto piece = read_piece(depth);
      if (!piece) return std::nullopt;
      sequence.push_back(std::move(*piece));
    }
    return sequence;
  }

  std::optional<Piece> read_piece(int depth) {
    const char c = *take();
    switch (c) {
      case '*':
        return Piece{.kind = Piece::Kind::run};
      case '?':
        return Piece{.kind = Piece::Kind::one, .characters = Characters().set()};
      case '[':
        return read_class();
      case '{':
        return read_choices(depth + 1);
      case '\\': {
        const auto escaped = take();
        if (!escaped) return std::nullopt;
        return Piece{.kind = Piece::Kind::one, .characters = Characters().set(byte_of(*escaped))};
      }
      default:
        return Piece{.kind = Piece::Kind::one, .characters = Characters().set(byte_of(c))};
    }
  }

  std::optional<Piece> read_choices(int depth) {
    if (depth > ChannelPattern::kDepthMax) return std::nullopt;
    Piece piece{.kind = Piece::Kind::either};
    for (;;) {
      auto choice = read_sequence(depth);
      const auto ending = take();
      if (!choice || !ending) return std::nullopt;
      piece.choices.push_back(std::move(*choice));
      if (*ending == '}') return piece;
    }
  }

  std::optional<Piece> read_class() {
    const bool inverted = rest_.starts_with('!');
    if (inverted) rest_.remove_prefix(1);
    const bool is_span = rest_.size() >= 4 && rest_[1] == '-' && rest_[3] == ']';
    auto characters = is_span ? read_span() : read_list();
    if (!characters) return std::nullopt;
    if (inverted) characters->flip();
    return Piece{.kind = Piece::Kind::one, .characters = *characters};
  }

  std::optional<Characters> read_span() {
    const std::uint8_t low = byte_of(rest_[0]);
    const std::uint8_t high = byte_of(rest_[2]);
    rest_.remove_prefix(4);
    if (low > high) return std::nullopt;
    Characters characters;
    for (std::size_t c = low; c <= high; ++c) characters.set(c);
    return characters;
  }

  std::optional<Characters> read_list() {
    // A span that goes on, as in `[a-z0-9]`, is none of Centrifugo's patterns.
    if (rest_.size() >= 2 && rest_[1] == '-') return std::nullopt;
    Characters characters;
    for (;;) {
      auto c = take();
      if (c == ']') return characters.none() ? std::nullopt : std::optional(characters);
      if (c == '\\') c = take();
      if (!c) return std::nullopt;
      characters.set(byte_of(*c));
    }
  }

  // Returns where a match of `sequence` begins that goes on at `next`.
  std::uint32_t make(const Sequence& sequence, std::uint32_t next) {
    for (std::size_t i = sequence.size(); i-- > 0;) next = make(sequence[i], next);
    return next;
  }

  std::uint32_t make(const Piece& piece, std::uint32_t next) {
    switch (piece.kind) {
      case Piece::Kind::one:
        return add({.kind = Step::Kind::take, .characters = piece.characters, .next = next});
      case Piece::Kind::run: {
        const std::uint32_t fork = add({.kind = Step::Kind::fork, .other = next});
        pattern_.steps_[fork].next =
            add({.kind = Step::Kind::take, .characters = Characters().set(), .next = fork});
        return fork;
      }
      case Piece::Kind::either: {
        std::uint32_t first = make(piece.choices.back(), next);
        for (std::size_t i = piece.choices.size() - 1; i-- > 0;) {
          const std::uint32_t choice = make(piece.choices[i], next);
          first = add({.kind = Step::Kind::fork, .next = choice, .other = first});
        }
        return first;
      }
    }
    return next;
  }

  ChannelPattern& pattern_;
  std::string_view rest_;
};

std::optional<ChannelPattern> ChannelPattern::parse(std::string_view text) {
  ChannelPattern pattern;
  if (!ChannelPatternParser(pattern, text).run()) return std::nullopt;
  pattern.prefix_ = text.substr(0, text.find_first_of(kSpecial));
  return pattern;
}

// The steps that can be taken, each once.
struct ChannelPattern::Reached {
  std::vector<std::uint32_t> steps;
  std::vector<bool> seen;
  std::vector<std::uint32_t> open = {};  // still to be looked at; kept, for its memory
};

// Adds those that can be taken from `step` on.
void ChannelPattern::reach(std::uint32_t step, Reached& reached) const {
  reached.open.push_back(step);
  while (!reached.open.empty()) {
    const std::uint32_t at = reached.open.back();
    reached.open.pop_back();
    if (reached.seen[at]) continue;
    reached.seen[at] = true;
    if (steps_[at].kind != Step::Kind::fork) {
      reached.steps.push_back(at);
      continue;
    }
    reached.open.push_back(steps_[at].next);
    reached.open.push_back(steps_[at].other);
  }
}

bool ChannelPattern::matches(std::string_view name) const {
  std::vector<std::uint32_t> now;
  Reached then{.steps = {}, .seen = std::vector<bool>(steps_.size())};
  reach(first_, then);
  now.swap(then.steps);
  for (const char c : name) {
    then.steps.clear();
    then.seen.assign(steps_.size(), false);
    for (const std::uint32_t step : now) {
      const bool taken =
          steps_[step].kind == Step::Kind::take && steps_[step].characters.test(byte_of(c));
      if (taken) reach(steps_[step].next, then);
    }
    now.swap(then.steps);
    if (now.empty()) return false;
  }
  for (const std::uint32_t step : now) {
    if (steps_[step].kind == Step::Kind::end) return true;
  }
  return false;
}

}  // namespace usher::api
