// KeyForm: how a definition's keys are kept: where each of them is an attribute that has a form of
// octets (octet_form.h), these one after the other, and else the text, as it is told.
//
// A key of octets is as long as all others of the definition, and becomes text when somebody is
// told of it. Two keys are the same if and only if their texts are. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/attribute.h"
#include "telemetry/key_expression.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class KeyForm {
 public:
  KeyForm(std::vector<KeyExpression> keys, std::string separator);

  // In place of what is there; false if the sample has no value for one of the keys.
  bool put(const Sample& sample, std::string& key) const;

  // As it is told. The view is of the key or of `made`, in place of what is there.
  std::string_view text_of(std::string_view key, std::string& made) const;
  std::string text_of(std::string_view key) const;

  // The key with that text; one that there is not where no key has it.
  std::string key_of(std::string_view text) const;

  // By their texts.
  bool less(std::string_view left, std::string_view right) const;

 private:
  bool are_octets() const { return !attributes_.empty(); }
  bool have_octets() const;
  bool put_text(const Sample& sample, std::string& key) const;

  std::vector<KeyExpression> keys_;
  std::string separator_;
  std::vector<Attribute> attributes_;  // that the keys are; none: they are texts
  std::size_t width_ = 0;              // of all their octets
};

}  // namespace fabrix::telemetry
