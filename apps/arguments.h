// The arguments of one subcommand: their declaration, their help, and their parsing into variables.
//
//     Arguments arguments("Mints a token and prints it.", "usher token");
//     arguments.text("--user", user, "user claim");
//     if (const Parsed parsed = arguments.parse(argc, argv); !parsed.go_on) {
//       return parsed.exit_code;
//     }
//
// It is built on CLI11, which takes seconds to compile; so only arguments.cc includes that.
//
// Threads: none of its own. Borrows: the variables, until parse() has returned.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/command_line.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace usher::apps {

class Arguments {
 public:
  // One argument. Valid as long as its Arguments object.
  class Option {
   public:
    Option required();
    Option excludes(Option other);
    Option needs(Option other);
    Option shows_default();  // shown in the help
    bool was_given() const;  // requires: after parse()

   private:
    friend class Arguments;
    explicit Option(CLI::Option* option) : option_(option) {}
    CLI::Option* option_;
  };

  // `name`: the command's name, as in "usher token".
  Arguments(const std::string& description, const std::string& name);
  ~Arguments();

  // `names`: "-s,--subscribe", or "file" for an argument without a dash.
  Option text(const std::string& names, std::string& value, const std::string& help);
  Option flag(const std::string& names, bool& value, const std::string& help);
  Option number(const std::string& names, std::size_t& value, std::size_t min, std::size_t max,
                const std::string& help);
  Option number(const std::string& names, double& value, double min, double max,
                const std::string& help);
  // These may be repeated.
  Option texts(const std::string& names, std::vector<std::string>& values, const std::string& help);
  Option numbers(const std::string& names, std::vector<int>& values, const std::string& help);

  // An argument whose value is one of `words`.
  template <class Enum>
  Option choice(const std::string& names, Enum& value,
                std::vector<std::pair<std::string, Enum>> words, const std::string& help) {
    std::vector<std::string> texts;
    for (const auto& [text, meaning] : words) texts.push_back(text);
    return choice(names, std::move(texts), help,
                  [&value, words](std::size_t i) { value = words[i].second; });
  }

  // Adds a subcommand of this one; one of them is then required. The returned reference is valid as
  // long as this object.
  Arguments& mode(const std::string& name, const std::string& description,
                  std::function<void()> chosen);

  void footer(const std::string& text);

  // Parses the arguments. Prints the help if it is asked for, or the error.
  Parsed parse(int argc, char** argv);

 private:
  explicit Arguments(CLI::App* app);  // for a mode
  Option choice(const std::string& names, std::vector<std::string> words, const std::string& help,
                std::function<void(std::size_t)> chosen);

  std::unique_ptr<CLI::App> own_;
  CLI::App* app_;
  std::vector<std::unique_ptr<Arguments>> modes_;
};

}  // namespace usher::apps
