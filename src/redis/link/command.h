// Writes commands: RESP2's array of bulk strings.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace usher::redis {

// Append the command to `out`.
void write_command(std::string& out, std::span<const std::string> words);
void write_command(std::string& out, std::initializer_list<std::string_view> words);

// For a command whose words are written one by one: first their number, then each word.
void write_word_count(std::string& out, std::size_t words);
void write_word(std::string& out, std::string_view word);

}  // namespace usher::redis
