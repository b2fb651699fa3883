#include "python/outcome.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "api/queries.h"

namespace fabrix::python {

namespace json = boost::json;

std::string_view name_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kPolicy:
      return "policy";
    case FailureKind::kConfiguration:
      return "configuration";
    case FailureKind::kSimulation:
      return "simulation";
  }
  return "";
}

tl::unexpected<Failure> refused(std::string message) {
  return fail(Failure{.kind = FailureKind::kSimulation,
                      .message = std::move(message),
                      .diagnostics = {},
                      .source = {}});
}

json::object to_json(const Failure& failure) {
  json::array diagnostics;
  for (const Diagnostic& each : failure.diagnostics) diagnostics.push_back(api::to_json(each));
  std::string text = failure.message;
  if (!failure.diagnostics.empty()) {
    if (!text.empty()) text += '\n';
    text += render(failure.diagnostics, failure.source);
    while (text.ends_with('\n')) text.pop_back();
  }
  return {{"kind", name_of(failure.kind)},
          {"message", failure.message},
          {"diagnostics", std::move(diagnostics)},
          {"text", text}};
}

std::string to_text(const Outcome& outcome) {
  json::object object;
  if (outcome) {
    object["ok"] = *outcome;
  } else {
    object["failure"] = to_json(outcome.error());
  }
  return json::serialize(object);
}

}  // namespace fabrix::python
