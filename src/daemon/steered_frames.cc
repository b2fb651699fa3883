#include "daemon/steered_frames.h"

#include <algorithm>
#include <utility>

#include "net/frame.h"
#include "program/evaluate.h"
#include "program/tag.h"

namespace fabrix::daemon {

void SteeredFrames::set(const exchange::Exchange& exchange, program::ProgramPtr program) {
  auto installed = std::make_shared<Installed>();
  installed->program = std::move(program);
  for (const exchange::Router& router : exchange.routers) {
    if (!router.present) continue;
    installed->ports.emplace(router.mac, router.port);
    installed->owners.emplace(router.port, router.participant);
  }
  installed_.store(std::move(installed));
}

std::optional<telemetry::MemberId> SteeredFrames::receiver_of(
    std::span<const std::byte> frame) const {
  const auto installed = installed_.load();
  auto packet = net::parse_frame(frame);
  if (installed == nullptr || !packet || !program::decode_tag(packet->dst_mac)) return std::nullopt;
  const auto from = installed->ports.find(packet->src_mac);
  if (from == installed->ports.end()) return std::nullopt;
  if (!may_look(installed->program->row_count())) return std::nullopt;
  packet->in_port = from->second;
  const program::Outcome outcome = program::evaluate(*installed->program, *packet);
  const auto hashes = [](const program::Step& step) {
    return step.row != nullptr && !step.row->hashes.empty();
  };
  if (!outcome.output || std::ranges::any_of(outcome.steps, hashes)) return std::nullopt;
  const auto owner = installed->owners.find(*outcome.output);
  return owner == installed->owners.end() ? std::nullopt : std::optional(owner->second);
}

bool SteeredFrames::may_look(std::size_t rows) const {
  const auto now = io::EventLoop::now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    looked_ = 0;
  }
  if (looked_ + rows > kRowsASecond) return false;
  looked_ += rows;
  return true;
}

}  // namespace fabrix::daemon
