// The Python module fabrix._core: values and calls, without manners. src/python/fabrix/ gives them
// names, documentation and exceptions. What fails is returned as text (python/outcome.h).
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "policy/dsl.h"
#include "python/checked_policy.h"
#include "python/loaded_exchange.h"
#include "python/simulated_exchange.h"

namespace fabrix::python {
namespace {

namespace py = pybind11;

using policy::dsl::Binding;
using policy::dsl::Expression;

// (value, None) or (None, failure as JSON).
template <typename T>
py::tuple pair_of(Result<T, Failure> result) {
  if (result) return py::make_tuple(*std::move(result), py::none());
  return py::make_tuple(py::none(), boost::json::serialize(to_json(result.error())));
}

void add_expressions(py::module_& module) {
  py::enum_<Binding>(module, "Binding")
      .value("RANKED", Binding::kRanked)
      .value("PARALLEL", Binding::kParallel)
      .value("SEQUENCE", Binding::kSequence)
      .value("OR", Binding::kOr)
      .value("AND", Binding::kAnd)
      .value("MINUS", Binding::kMinus)
      .value("NOT", Binding::kNot)
      .value("ATOM", Binding::kAtom);
  py::class_<Expression>(module, "Expression")
      .def(py::init<std::string, Binding>(), py::arg("text"), py::arg("binding") = Binding::kAtom)
      .def_property_readonly("text", &Expression::text)
      .def_property_readonly("binding", &Expression::binding)
      .def_static("join", &Expression::join)
      .def_static("negate", &Expression::negate);
  module.def("word", [](const std::string& text) { return policy::dsl::word(text); });
  module.def("quoted", [](const std::string& text) { return policy::dsl::quoted(text); });
  module.def("target", [](const std::string& name, const std::optional<std::size_t>& index) {
    const policy::dsl::Target target(name);
    return index ? target[*index].text() : target.text();
  });
  module.def("policy_text",
             [](const std::optional<Expression>& outbound, const std::optional<Expression>& inbound,
                const std::optional<Expression>& both) {
               policy::dsl::Sections sections;
               if (outbound) sections.outbound.emplace(*outbound);
               if (inbound) sections.inbound.emplace(*inbound);
               if (both) sections.final_policy.emplace(*both);
               return to_text(sections);
             });
}

// Python shares it; it never changes.
struct ExchangeHandle {
  ExchangePtr exchange;
};

void add_exchanges(py::module_& module) {
  py::class_<ExchangeHandle>(module, "Exchange").def("describe", [](const ExchangeHandle& self) {
    return boost::json::serialize(describe(*self.exchange));
  });
  module.def("load_exchange", [](const std::string& text, const std::string& file) {
    auto loaded = load_exchange(text, file);
    if (!loaded) return pair_of<ExchangeHandle>(fail(std::move(loaded).error()));
    return pair_of<ExchangeHandle>(ExchangeHandle{*std::move(loaded)});
  });
  py::class_<net::Packet>(module, "Packet").def("__str__", [](const net::Packet& packet) {
    return net::to_string(packet);
  });
  module.def("packet",
             [](const std::string& text, const std::map<std::string, std::uint64_t>& fields) {
               return pair_of(make_packet(text, fields));
             });
}

void add_policies(py::module_& module) {
  using Question = CheckedPolicy::Question;
  py::class_<Question>(module, "Question")
      .def(py::init([](bool inbound, const net::Packet& packet) {
        using enum policy::Direction;
        return Question{.direction = inbound ? kInbound : kOutbound, .packet = packet};
      }))
      .def_readwrite("sender", &Question::sender)
      .def_readwrite("reachable", &Question::reachable)
      .def_readwrite("announced", &Question::announced);
  py::class_<CheckedPolicy>(module, "CheckedPolicy")
      .def_property_readonly("text", &CheckedPolicy::text)
      .def_property_readonly("warning_text", &CheckedPolicy::warning_text)
      .def("clauses",
           [](const CheckedPolicy& self) { return boost::json::serialize(self.clauses()); })
      .def("warnings",
           [](const CheckedPolicy& self) { return boost::json::serialize(self.warnings()); })
      .def("evaluate", [](const CheckedPolicy& self, const Question& question) {
        return to_text(self.evaluate(question));
      });
  module.def("check", [](const ExchangeHandle& exchange, const std::string& participant,
                         const std::string& text, const std::string& file) {
    return pair_of(CheckedPolicy::check(exchange.exchange, participant, text, file));
  });
}

void add_simulations(py::module_& module) {
  using Simulation = SimulatedExchange;
  py::class_<Simulation>(module, "Simulation")
      .def(py::init([](const ExchangeHandle& exchange, const std::string& directory) {
        return std::make_unique<Simulation>(exchange.exchange, directory);
      }))
      .def("run", [](Simulation& self, const std::string& line) { return to_text(self.run(line)); })
      .def(
          "set_policy",
          [](Simulation& self, const std::string& participant, const std::string& text,
             const std::string& file) { return to_text(self.set_policy(participant, text, file)); })
      .def("send", [](Simulation& self, const std::string& router,
                      const net::Packet& packet) { return to_text(self.send(router, packet)); })
      .def("load_policies", [](Simulation& self) { return to_text(self.load_policies()); })
      .def("show",
           [](const Simulation& self, const std::string& what) { return to_text(self.show(what)); })
      .def("routes", [](const Simulation& self, const std::string& participant) {
        return to_text(self.routes(participant));
      });
}

}  // namespace
}  // namespace fabrix::python

PYBIND11_MODULE(_core, module) {
  fabrix::python::add_expressions(module);
  fabrix::python::add_exchanges(module);
  fabrix::python::add_policies(module);
  fabrix::python::add_simulations(module);
}
