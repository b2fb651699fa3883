#include "compiler/compiler.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "compiler/admit.h"
#include "compiler/ambiguity.h"
#include "compiler/delivery.h"
#include "compiler/inbound.h"
#include "compiler/sender.h"

namespace fabrix::compiler {
namespace {

using policy::Direction;
using program::TableId;
using Diagnostics = std::vector<Diagnostic>;

// One participant's inbound half.
struct Receiver {
  std::shared_ptr<const policy::Policy> policy;  // null: no inbound clauses
  std::vector<net::ParticipantId> prefix_sets;   // that its conditions mention
  std::vector<std::vector<net::Prefix>> prefixes;
  program::Rows::Block rows;  // null: none
  bool too_many_rows = false;
};

Diagnostic too_many_rows(std::string_view file, const policy::ClauseList& list) {
  Diagnostic problem;
  problem.code = "P0405";
  problem.message =
      fmt::format("this policy needs more than {} rows in the fabric", kMaxPolicyRows);
  problem.file = file;
  if (!list.clauses.empty()) problem.at = list.clauses.front().at;
  problem.help = "name ranges and prefixes that are aligned, or fewer of them";
  return problem;
}

void append(Diagnostics& all, Diagnostics more) {
  for (Diagnostic& each : more) all.push_back(std::move(each));
}

program::Row jump_row(std::uint16_t priority, program::Metadata metadata, TableId next,
                      program::Origin::Kind kind) {
  program::Row row;
  row.priority = priority;
  row.match.metadata = metadata;
  row.next = program::Goto{next};
  row.origin.kind = kind;
  return row;
}

constexpr std::uint16_t kControlPriority = 65000;  // above all clauses
constexpr std::uint16_t kLowestPriority = 0;
static_assert(kControlPriority > kTopPriority);

}  // namespace

class Compiler::Impl {
 public:
  Impl(const exchange::Exchange& exchange, const exchange::Reachability& reachability)
      : exchange_(exchange),
        reachability_(reachability),
        store_(policy_field_widths()),
        homes_(reach_homes(exchange)),
        receivers_(exchange.participants.size()),
        port_up_(exchange.routers.size(), true) {
    for (const exchange::Participant& each : exchange.participants) {
      senders_.emplace_back(exchange, each.id);
    }
    stale_.fill(true);
  }

  Result<Diagnostics, Diagnostics> set_policy(net::ParticipantId participant,
                                              const std::shared_ptr<const policy::Policy>& policy,
                                              std::string_view file) {
    Findings findings;
    if (policy) findings = judge(participant, *policy, file);
    if (!findings.errors.empty()) return fail(std::move(findings.errors));
    auto outbound = compile_outbound(participant, policy);
    if (!outbound) return fail(Diagnostics{too_many_rows(file, policy->outbound)});
    auto inbound = compile_inbound(participant, policy);
    if (!inbound) return fail(Diagnostics{too_many_rows(file, policy->inbound)});
    Sender& sender = senders_[participant.index()];
    if (outbound->policy || sender.has_policy()) {
      if ((outbound->policy != nullptr) != sender.has_policy()) mark(TableId::kAdmit);
      sender.adopt(*std::move(outbound));
    }
    Receiver& receiver = receivers_[participant.index()];
    if (inbound->policy || receiver.policy) {
      mark(TableId::kInbound);
      rows_changed_.push_back(participant);
    }
    const program::Rows::Block before = std::exchange(receiver, *std::move(inbound)).rows;
    if (before && receiver.rows && *before == *receiver.rows) receiver.rows = before;
    return findings.warnings;
  }

  void reconfigure() {
    // Targets that were there before keep their reach bits: see codebook.h.
    const auto homes = reach_homes(exchange_);
    for (std::size_t i = homes_.size(); i < homes.size(); ++i) homes_.push_back(homes[i]);
    for (std::size_t i = senders_.size(); i < exchange_.participants.size(); ++i) {
      senders_.emplace_back(exchange_, exchange_.participants[i].id);
    }
    receivers_.resize(exchange_.participants.size());
    port_up_.resize(exchange_.routers.size(), true);
    stale_.fill(true);
  }

  void set_port(net::RouterId router, bool up) {
    if (port_up_[router.index()] == up) return;
    port_up_[router.index()] = up;
    mark(TableId::kTransit);
  }

  void routes_changed(std::span<const net::Prefix> prefixes) {
    changed_.insert(changed_.end(), prefixes.begin(), prefixes.end());
    // Bounds what gathers between two compilations by the number of prefixes there are.
    constexpr std::size_t kTidyAt = 4096;
    if (changed_.size() >= std::max(kTidyAt, 2 * tidy_size_)) tidy_changed();
  }

  Output compile(Clock::time_point now) {
    tidy_changed();
    std::vector<net::ParticipantId> renumbered;
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      Sender& sender = senders_[i];
      sender.refresh({changed_, reachability_, store_, now});
      if (sender.take_renumbered()) renumbered.push_back(exchange_.participants[i].id);
      if (sender.take_rows_changed()) {
        mark(TableId::kOutbound);
        rows_changed_.push_back(exchange_.participants[i].id);
      }
    }
    state_meanings();
    if (!changed_.empty()) refresh_receivers();
    changed_.clear();
    tidy_size_ = 0;
    assemble();
    return {.program = program_,
            .problems = problems(),
            .shortfalls = shortfalls(),
            .renumbered = std::move(renumbered),
            .meanings = meanings_,
            .rows_changed = take_rows_changed()};
  }

  const Sender& sender(net::ParticipantId id) const { return senders_[id.index()]; }

  std::vector<ClassInfo> classes() const {
    std::vector<ClassInfo> all;
    for (const Sender& sender : senders_) sender.add_classes(all);
    return all;
  }

 private:
  struct Findings {
    Diagnostics warnings;
    Diagnostics errors;
  };

  Findings judge(net::ParticipantId participant, const policy::Policy& policy,
                 std::string_view file) {
    Findings findings;
    for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
      const Subject subject{participant, direction, file};
      const policy::ClauseList& list = policy.of(direction);
      if (!policy.overlap_first) {
        append(findings.errors, find_ambiguities(list, subject, surroundings()));
      }
      append(findings.warnings, find_shadowed(list, subject, surroundings()));
    }
    return findings;
  }

  Surroundings surroundings() {
    return {.exchange = exchange_, .reachability = reachability_, .store = store_};
  }

  void mark(TableId table) { stale_.at(static_cast<std::size_t>(table)) = true; }

  void tidy_changed() {
    std::ranges::sort(changed_);
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    tidy_size_ = changed_.size();
  }

  std::optional<CompiledOutbound> compile_outbound(net::ParticipantId participant,
                                                   std::shared_ptr<const policy::Policy> policy) {
    if (!policy || policy->outbound.clauses.empty()) return CompiledOutbound{};
    auto outbound =
        std::make_unique<OutboundPolicy>(exchange_, homes_, participant, std::move(policy));
    return senders_[participant.index()].compile(std::move(outbound), store_, reachability_);
  }

  std::optional<Receiver> compile_inbound(net::ParticipantId participant,
                                          std::shared_ptr<const policy::Policy> policy) {
    Receiver receiver;
    if (!policy || policy->inbound.clauses.empty()) return receiver;
    receiver.policy = std::move(policy);
    receiver.prefix_sets = prefix_sets_of(receiver.policy->inbound);
    receiver.prefixes = read(receiver.prefix_sets);
    auto rows = inbound_rows(participant, receiver.policy->inbound, store_, reachability_);
    if (!rows) return std::nullopt;
    receiver.rows = program::make_block(*std::move(rows));
    return receiver;
  }

  std::vector<std::vector<net::Prefix>> read(const std::vector<net::ParticipantId>& sets) const {
    std::vector<std::vector<net::Prefix>> prefixes;
    prefixes.reserve(sets.size());
    for (const net::ParticipantId each : sets) prefixes.push_back(reachability_.announced_by(each));
    return prefixes;
  }

  void state_meanings() {
    const bool same =
        meanings_ && std::ranges::equal(
                         *meanings_, senders_, {}, {},
                         [](const Sender& each) -> const auto& { return each.meaning(); });
    if (same) return;
    std::vector<program::TagMeaningPtr> meanings;
    for (const Sender& each : senders_) meanings.push_back(each.meaning());
    meanings_ = std::make_shared<const std::vector<program::TagMeaningPtr>>(std::move(meanings));
  }

  std::vector<net::ParticipantId> take_rows_changed() {
    std::ranges::sort(rows_changed_);
    rows_changed_.erase(std::unique(rows_changed_.begin(), rows_changed_.end()),
                        rows_changed_.end());
    return std::exchange(rows_changed_, {});
  }

  void refresh_receivers() {
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
      Receiver& receiver = receivers_[i];
      if (receiver.prefix_sets.empty()) continue;
      auto prefixes = read(receiver.prefix_sets);
      if (prefixes == receiver.prefixes) continue;
      receiver.prefixes = std::move(prefixes);
      auto rows = inbound_rows(exchange_.participants[i].id, receiver.policy->inbound, store_,
                               reachability_);
      receiver.too_many_rows = !rows;
      receiver.rows = rows ? program::make_block(*std::move(rows)) : nullptr;
      mark(TableId::kInbound);
      rows_changed_.push_back(exchange_.participants[i].id);
    }
  }

  program::Rows make(TableId table) const {
    switch (table) {
      case TableId::kAdmit:
        return whole(make_admit());
      case TableId::kSent:
      case TableId::kDelivered:
        return {};
      case TableId::kOutbound:
        return make_outbound();
      case TableId::kResolve:
        return whole(resolve_rows(exchange_));
      case TableId::kInbound:
        return make_inbound();
      case TableId::kTransit:
        return whole(transit_rows(exchange_, port_up_));
    }
    return {};
  }

  // A table that belongs to nobody.
  static program::Rows whole(std::vector<program::Row> rows) {
    return program::Rows(program::Rows::Directory{program::make_block(std::move(rows))});
  }

  std::vector<program::Row> make_admit() const {
    std::vector<bool> has_outbound;
    for (const Sender& each : senders_) has_outbound.push_back(each.has_policy());
    return admit_rows(exchange_, has_outbound);
  }

  program::Rows make_outbound() const {
    program::Rows::Directory blocks{program::make_block(std::vector{
        jump_row(kLowestPriority, {}, TableId::kResolve, program::Origin::Kind::kDefault)})};
    for (const Sender& each : senders_) blocks.push_back(each.rows());
    return program::Rows(std::move(blocks));
  }

  program::Rows make_inbound() const {
    program::Rows::Directory blocks{program::make_block(std::vector{
        jump_row(kControlPriority, program::Metadata::control(), TableId::kTransit,
                 program::Origin::Kind::kControlPlane),
        jump_row(kLowestPriority, {}, TableId::kTransit, program::Origin::Kind::kDefault)})};
    for (const Receiver& each : receivers_) blocks.push_back(each.rows);
    return program::Rows(std::move(blocks));
  }

  // The present table if the fresh one is the same.
  static bool take(program::Rows& present, program::Rows fresh) {
    if (present == fresh) return false;
    present = std::move(fresh);
    return true;
  }

  // A new Program if anything in it changed.
  void assemble() {
    std::uint64_t generation = 0;
    for (const Sender& each : senders_) generation += each.neighbor_generation();
    const bool rows_changed = std::ranges::find(stale_, true) != stale_.end();
    if (program_ && !rows_changed && generation == neighbor_generation_) return;
    program::Program fresh;
    if (program_) fresh = *program_;
    bool changed = !program_;
    for (std::size_t i = 0; i < stale_.size(); ++i) {
      if (stale_.at(i) && take(fresh.tables.at(i), make(static_cast<TableId>(i)))) changed = true;
    }
    if (generation != neighbor_generation_) {
      program::Neighbors::Directory blocks{nullptr};
      for (const Sender& each : senders_) blocks.push_back(each.neighbors());
      program::Neighbors neighbors(std::move(blocks));
      changed = changed || neighbors != fresh.neighbors;
      fresh.neighbors = std::move(neighbors);
    }
    stale_.fill(false);
    neighbor_generation_ = generation;
    if (changed) program_ = std::make_shared<const program::Program>(std::move(fresh));
  }

  Diagnostics problems() const {
    Diagnostics all;
    for (const Sender& each : senders_) each.add_problems(all);
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
      if (!receivers_[i].too_many_rows) continue;
      Diagnostic problem;
      problem.severity = Severity::kWarning;
      problem.code = "K0103";
      problem.message = fmt::format(
          "the inbound policy of {} needs more than {} rows under present routes and does not "
          "apply",
          exchange_.participants[i].name, kMaxPolicyRows);
      problem.help = "name prefixes in larger blocks";
      all.push_back(std::move(problem));
    }
    return all;
  }

  std::vector<policy::Shortfall> shortfalls() const {
    std::vector<policy::Shortfall> all;
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      policy::Shortfall shortfall = senders_[i].shortfall();
      shortfall.no_inbound = receivers_[i].too_many_rows;
      const bool nothing = shortfall == policy::Shortfall{.owner = shortfall.owner};
      if (!nothing) all.push_back(std::move(shortfall));
    }
    return all;
  }

  const exchange::Exchange& exchange_;
  const exchange::Reachability& reachability_;
  diagram::Store store_;
  std::vector<unsigned> homes_;
  std::vector<Sender> senders_;      // by participant
  std::vector<Receiver> receivers_;  // by participant
  std::vector<bool> port_up_;        // by router
  std::vector<net::Prefix> changed_;
  std::size_t tidy_size_ = 0;
  std::vector<net::ParticipantId> rows_changed_;
  std::shared_ptr<const std::vector<program::TagMeaningPtr>> meanings_;
  std::array<bool, program::kTableCount> stale_{};  // to be made again
  std::uint64_t neighbor_generation_ = 0;
  program::ProgramPtr program_;
};

Compiler::Compiler(const exchange::Exchange& exchange, const exchange::Reachability& reachability)
    : impl_(std::make_unique<Impl>(exchange, reachability)) {}

Compiler::~Compiler() = default;

// By value: callers hand the policy over.
// NOLINTBEGIN(performance-unnecessary-value-param): as above
Result<Diagnostics, Diagnostics> Compiler::set_policy(net::ParticipantId participant,
                                                      std::shared_ptr<const policy::Policy> policy,
                                                      std::string_view file) {
  return impl_->set_policy(participant, policy, file);
}
// NOLINTEND(performance-unnecessary-value-param)

void Compiler::reconfigure() {
  impl_->reconfigure();
}

void Compiler::set_port(net::RouterId router, bool up) {
  impl_->set_port(router, up);
}

void Compiler::routes_changed(std::span<const net::Prefix> prefixes) {
  impl_->routes_changed(prefixes);
}

Output Compiler::compile(Clock::time_point now) {
  return impl_->compile(now);
}

std::optional<net::IpAddress> Compiler::virtual_next_hop(net::ParticipantId client,
                                                         const net::Prefix& prefix) const {
  return impl_->sender(client).virtual_next_hop(prefix);
}

std::vector<ClassInfo> Compiler::classes() const {
  return impl_->classes();
}

}  // namespace fabrix::compiler
