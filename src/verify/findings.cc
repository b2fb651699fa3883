#include "verify/findings.h"

#include <fmt/format.h>

#include "program/evaluate.h"

namespace fabrix::verify {
namespace {

constexpr std::uint64_t kIdMask = 0xfff;
constexpr unsigned kEgressRouterShift = 24;

std::string destination(const Effect& effect, const exchange::Exchange& exchange) {
  const std::uint64_t code = effect.metadata >> kEgressRouterShift & kIdMask;
  if (code == 0 || code > exchange.routers.size()) return "sent to nobody";
  const auto& router = exchange.routers[code - 1];
  return fmt::format("sent to {} ({})", exchange.participant(router.participant).name, router.name);
}

std::string fate(const Effect& effect, const exchange::Exchange& exchange) {
  switch (effect.kind) {
    case Effect::Kind::kDrop:
      return "dropped";
    case Effect::Kind::kController:
      return "given to the controller";
    case Effect::Kind::kOutput:
      return fmt::format("put out at port {}", effect.port.value);
    case Effect::Kind::kContinue:
      break;
  }
  return destination(effect, exchange);
}

}  // namespace

bool Task::is_known(program::TableId table) const {
  return terms.precedent != nullptr &&
         terms.precedent->program->table(table) == program.table(table);
}

void Findings::add(Violation violation) {
  if (!full()) violations_.push_back(std::move(violation));
}

std::vector<program::Row> rows_for(const program::Program& program, const net::Packet& packet) {
  std::vector<program::Row> rows;
  for (const program::Step& step : program::evaluate(program, packet).steps) {
    if (step.row != nullptr) rows.push_back(*step.row);
  }
  return rows;
}

std::string describe(const Effect& effect, const exchange::Exchange& exchange) {
  std::string text = fate(effect, exchange);
  for (const policy::Write& write : effect.writes) {
    text += fmt::format(", {} := {}", net::name_of(write.field), write.value);
  }
  return text;
}

Fixed entering_at(const exchange::Router& router) {
  return {{net::Field::kInPort, router.port.value}, {net::Field::kSrcMac, router.mac.to_u64()}};
}

}  // namespace fabrix::verify
