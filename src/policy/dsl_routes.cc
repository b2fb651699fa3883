#include "policy/dsl_routes.h"

namespace fabrix::policy::dsl {
namespace {

Filter tests_of(std::string_view word, std::initializer_list<Comparison> tests) {
  std::string text;
  for (const Comparison& each : tests) text += (text.empty() ? "" : ", ") + each.text;
  return Filter(Expression::call(word, {text}));
}

}  // namespace

Comparison Attribute::matches(std::string_view pattern) const {
  return {std::string(attribute_) + " =~ " + quoted(pattern)};
}

Comparison Attribute::in(const PrefixSet& set) const {
  return {std::string(attribute_) + " in " + set.text()};
}

Filter rib(std::initializer_list<Comparison> tests) {
  return tests_of("rib", tests);
}

Filter src_rib(std::initializer_list<Comparison> tests) {
  return tests_of("src_rib", tests);
}

Filter best_via(const Target& participant) {
  return Filter(Expression::call("best_via", {participant.text()}));
}

}  // namespace fabrix::policy::dsl
