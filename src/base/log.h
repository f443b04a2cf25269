// The log. An event has a level, a fixed message and named values.
//
//     log.info("websocket_connected", {{"originHost", host}});
//
// prints `websocket_connected { originHost: 'app.example' }`, or one JSON object. Values are
// escaped and cut here, so that a peer can neither forge a line nor fill a disk with one. A secret
// is never a value: a ticket is logged as its ticketHash.
//
// Threads: a Log may be shared. write() never blocks (node/log_writer.h hands events to one writer
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
  // How a text value is written.
  enum class Form : std::uint8_t {
    cut,    // its first kLogValueBytesMax bytes
    whole,  // all of it
    hash,   // its log_hash()
  };

  std::string_view key;
  std::variant<std::string_view, std::int64_t, bool> value;
  Form form = Form::cut;

  // A text that is not cut. Requires: the text is usher's own; a peer can't make it long.
  static LogField whole(std::string_view key, std::string_view text) {
    LogField field(key, text);
    field.form = Form::whole;
    return field;
  }

  // A name that must not appear in the log. Its hash is computed when the line is written, and not
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

  // `message` and all views need to live only during the call.
  virtual void write(LogLevel level, std::string_view message,
                     std::span<const LogField> fields) = 0;

  // Returns whether lines of this level are written. If not, the caller need not collect their
  // fields.
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

// Writes nothing. For tests, and where no log is wanted.
class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::span<const LogField>) override {}
};

std::string_view to_string(LogLevel level);

inline constexpr std::size_t kLogValueBytesMax = 256;

// Returns the first 12 hexadecimal digits of the text's SHA-256.
std::string log_hash(std::string_view text);

// Writes `message { key: 'text', other: 1 }`, or the message alone. In text values `'`, `\` and all
// bytes that are not printable ASCII become `\xNN`. With Form::cut, a value longer than
// kLogValueBytesMax is cut and ends in `...`.
void append_log_text(std::string& line, std::string_view message, std::span<const LogField> fields);
std::string format_log_text(std::string_view message, std::span<const LogField> fields);

// Writes `"message":"…","key":"text","other":1`: members of a JSON object, without its braces.
// Values are cut in the same way.
void append_log_json(std::string& line, std::string_view message, std::span<const LogField> fields);
std::string format_log_json(std::string_view message, std::span<const LogField> fields);

}  // namespace usher
