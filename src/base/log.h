// What happened, for people: a level, a fixed message, and named values.
//
//     log.info("websocket_connected", {{"originHost", host}});
//
// prints `websocket_connected { originHost: 'app.example' }`, or one JSON object. Values are
// escaped and cut here, so a peer can neither forge a line nor fill a disk with one. No secret is
// ever a value: tickets go in as ticketHash.
//
// Threads: a Log may be shared; write() never blocks (node/log_writer hands events to one writer
// thread and counts drops).
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace usher {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

struct LogField {
  // How a text is written.
  enum class Form : std::uint8_t {
    cut,    // its first kLogValueBytesMax bytes
    whole,  // all of it
    hash,   // as log_hash() of it
  };

  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;
  Form form = Form::cut;

  // A text of usher's own, never one that a peer can make long: it is not cut.
  static LogField whole(std::string_view key, std::string_view text) {
    LogField field(key, text);
    field.form = Form::whole;
    return field;
  }

  // A name that must not stand in the log. The hash is computed when the line is written, and not
  // at all for a line that is left out.
  static LogField hash(std::string_view key, std::string_view text) {
    LogField field(key, text);
    field.form = Form::hash;
    return field;
  }

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

class Log {
 public:
  virtual ~Log() = default;

  // `message` and all views need live only during the call.
  virtual void write(LogLevel level, std::string_view message,
                     std::span<const LogField> fields) = 0;

  // False: lines of this level are not written, so the caller need not gather what they say.
  virtual bool writes(LogLevel) const { return true; }

  using Fields = std::initializer_list<LogField>;
  void debug(std::string_view message, Fields fields = {}) {
    put(LogLevel::debug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) { put(LogLevel::info, message, fields); }
  void warn(std::string_view message, Fields fields = {}) { put(LogLevel::warn, message, fields); }
  void error(std::string_view message, Fields fields = {}) {
    put(LogLevel::error, message, fields);
  }

 private:
  void put(LogLevel level, std::string_view message, Fields fields) {
    write(level, message, std::span(fields.begin(), fields.size()));
  }
};

// For tests, and where nobody listens.
class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::span<const LogField>) override {}
};

std::string_view to_string(LogLevel level);

inline constexpr std::size_t kLogValueBytesMax = 256;

// The first 12 hexadecimal digits of the text's SHA-256.
std::string log_hash(std::string_view text);

// `message { key: 'text', other: 1 }`, or the message alone. In text values `'`, `\` and whatever
// is not printable ASCII become `\xNN`; what exceeds kLogValueBytesMax is cut and ends in `...`,
// unless the field's form is another.
void append_log_text(std::string& line, std::string_view message, std::span<const LogField> fields);
std::string format_log_text(std::string_view message, std::span<const LogField> fields);

// `"message":"…","key":"text","other":1`: members of a JSON object, without its braces. Same cut.
void append_log_json(std::string& line, std::string_view message, std::span<const LogField> fields);
std::string format_log_json(std::string_view message, std::span<const LogField> fields);

}  // namespace usher
