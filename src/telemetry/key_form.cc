#include "telemetry/key_form.h"

#include <algorithm>
#include <utility>

#include "telemetry/flow_cache.h"

namespace fabrix::telemetry {
namespace {

// In no value that has a form of octets: a text has one reading.
bool parts(char character) {
  const bool is_letter =
      (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
  const bool is_digit = character >= '0' && character <= '9';
  return !is_letter && !is_digit && character != '.' && character != ':';
}

}  // namespace

KeyForm::KeyForm(std::vector<KeyExpression> keys, std::string separator)
    : keys_(std::move(keys)), separator_(std::move(separator)) {
  if (!have_octets()) return;
  for (const KeyExpression& key : keys_) {
    attributes_.push_back(*key.attribute());
    width_ += width_of(attributes_.back().form());
  }
}

bool KeyForm::have_octets() const {
  const bool is_apart = !separator_.empty() && std::ranges::all_of(separator_, parts);
  // Longer ones are cut off, as text.
  const bool is_short = keys_.size() * (kLongestForm + separator_.size()) <= HashedKey::kLongest;
  return is_apart && is_short && std::ranges::all_of(keys_, [](const KeyExpression& key) {
           return key.attribute() != nullptr && key.attribute()->form() != OctetForm::kNone;
         });
}

bool KeyForm::put(const Sample& sample, std::string& key) const {
  if (!are_octets()) return put_text(sample, key);
  // The last one's, as a rule.
  if (key.size() != width_) key.resize(width_);
  char* to = key.data();
  for (const Attribute& attribute : attributes_) {
    if (!attribute.put(sample, to)) return false;
    to += width_of(attribute.form());
  }
  return true;
}

bool KeyForm::put_text(const Sample& sample, std::string& key) const {
  key.clear();
  bool is_first = true;
  for (const KeyExpression& each : keys_) {
    if (!is_first) key += separator_;
    is_first = false;
    if (!each.append(sample, key)) return false;
  }
  return true;
}

std::string_view KeyForm::text_of(std::string_view key, std::string& made) const {
  if (!are_octets()) return key;
  made.clear();
  for (const Attribute& attribute : attributes_) {
    if (!made.empty()) made += separator_;
    append_octets(attribute.form(), key.data(), made);
    key.remove_prefix(width_of(attribute.form()));
  }
  return made;
}

std::string KeyForm::text_of(std::string_view key) const {
  std::string made;
  return std::string(text_of(key, made));
}

std::string KeyForm::key_of(std::string_view text) const {
  if (!are_octets()) return std::string(text);
  std::string key(width_, '\0');
  char* to = key.data();
  for (const Attribute& attribute : attributes_) {
    const bool is_last = &attribute == &attributes_.back();
    const std::size_t end = is_last ? text.size() : std::min(text.find(separator_), text.size());
    if (!put_octets(attribute.form(), text.substr(0, end), to)) return {};
    to += width_of(attribute.form());
    text.remove_prefix(std::min(end + separator_.size(), text.size()));
  }
  return key;
}

// The first attribute that differs decides.
bool KeyForm::less(std::string_view left, std::string_view right) const {
  for (const Attribute& attribute : attributes_) {
    const std::size_t width = width_of(attribute.form());
    if (left.substr(0, width) == right.substr(0, width)) {
      left.remove_prefix(width);
      right.remove_prefix(width);
      continue;
    }
    const auto text = [&](std::string_view key) {
      std::string made;
      append_octets(attribute.form(), key.data(), made);
      // What is behind it counts where one begins with the other.
      return &attribute == &attributes_.back() ? made : made + separator_;
    };
    return text(left) < text(right);
  }
  return left < right;
}

}  // namespace fabrix::telemetry
