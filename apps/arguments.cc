#include "apps/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace usher::apps {

Arguments::Option Arguments::Option::required() {
  option_->required();
  return *this;
}

Arguments::Option Arguments::Option::excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

Arguments::Option Arguments::Option::needs(Option other) {
  option_->needs(other.option_);
  return *this;
}

Arguments::Option Arguments::Option::shows_default() {
  option_->capture_default_str();
  return *this;
}

bool Arguments::Option::was_given() const { return option_->count() > 0; }

Arguments::Arguments(const std::string& description, const std::string& name)
    : own_(std::make_unique<CLI::App>(description, name)), app_(own_.get()) {}

Arguments::Arguments(CLI::App* app) : app_(app) {}

Arguments::~Arguments() = default;

Arguments::Option Arguments::text(const std::string& names, std::string& value,
                                  const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Arguments::Option Arguments::flag(const std::string& names, bool& value, const std::string& help) {
  return Option(app_->add_flag(names, value, help));
}

Arguments::Option Arguments::number(const std::string& names, std::size_t& value, std::size_t min,
                                    std::size_t max, const std::string& help) {
  return Option(app_->add_option(names, value, help)->check(CLI::Range(min, max)));
}

Arguments::Option Arguments::number(const std::string& names, double& value, double min, double max,
                                    const std::string& help) {
  return Option(app_->add_option(names, value, help)->check(CLI::Range(min, max)));
}

Arguments::Option Arguments::texts(const std::string& names, std::vector<std::string>& values,
                                   const std::string& help) {
  return Option(app_->add_option(names, values, help)->allow_extra_args(false));
}

Arguments::Option Arguments::numbers(const std::string& names, std::vector<int>& values,
                                     const std::string& help) {
  return Option(app_->add_option(names, values, help)->allow_extra_args(false));
}

Arguments::Option Arguments::choice(const std::string& names, std::vector<std::string> words,
                                    const std::string& help,
                                    std::function<void(std::size_t)> chosen) {
  const auto choose = [words, chosen = std::move(chosen)](const std::string& word) {
    const auto found = std::find(words.begin(), words.end(), word);
    chosen(static_cast<std::size_t>(found - words.begin()));  // IsMember has checked it
  };
  return Option(app_->add_option_function<std::string>(names, choose, help)
                    ->check(CLI::IsMember(std::move(words))));
}

Arguments& Arguments::mode(const std::string& name, const std::string& description,
                           std::function<void()> chosen) {
  app_->require_subcommand(1);
  CLI::App* const mode = app_->add_subcommand(name, description);
  mode->callback(std::move(chosen));
  modes_.push_back(std::unique_ptr<Arguments>(new Arguments(mode)));
  return *modes_.back();
}

void Arguments::footer(const std::string& text) { app_->footer(text); }

Parsed Arguments::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
    return {true, kDone};
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = app_->exit(error) == 0;
    return {false, asked_for_help ? kDone : kBadUsage};
  }
}

}  // namespace usher::apps
