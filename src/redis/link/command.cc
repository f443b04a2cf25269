#include "redis/link/command.h"

#include <charconv>

namespace usher::redis {
namespace {

void write_length(std::string& out, char kind, std::size_t length) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, length).ptr;
  out += kind;
  out.append(digits, end);
  out += "\r\n";
}

}  // namespace

void write_word_count(std::string& out, std::size_t words) { write_length(out, '*', words); }

void write_word(std::string& out, std::string_view word) {
  write_length(out, '$', word.size());
  out += word;
  out += "\r\n";
}

void write_command(std::string& out, std::span<const std::string> words) {
  write_word_count(out, words.size());
  for (const std::string& word : words) write_word(out, word);
}

void write_command(std::string& out, std::initializer_list<std::string_view> words) {
  write_word_count(out, words.size());
  for (const std::string_view word : words) write_word(out, word);
}

}  // namespace usher::redis
