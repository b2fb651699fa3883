#include "app/policy_subject.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/exchange_file.h"
#include "base/suggest.h"
#include "policy/parse.h"

namespace fabrix::app {
namespace {

namespace fs = std::filesystem;

// The exchange.yaml of the directory that `file` is in, or of the nearest one above that has one.
// As short as `file` itself is written, where that suffices.
std::optional<std::string> exchange_above(const std::string& file) {
  constexpr std::string_view kName = "exchange.yaml";
  std::error_code error;
  fs::path directory = fs::absolute(file, error).lexically_normal().parent_path();
  if (error) return std::nullopt;
  while (true) {
    if (fs::is_regular_file(directory / kName, error)) {
      const fs::path shorter = directory.lexically_proximate(fs::current_path(error));
      const bool below = !shorter.empty() && *shorter.begin() != "..";
      return ((below ? shorter : directory) / kName).lexically_normal().string();
    }
    const fs::path parent = directory.parent_path();
    if (parent == directory) return std::nullopt;
    directory = parent;
  }
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

std::vector<net::ParticipantId> given_to(const exchange::Exchange& exchange,
                                         const std::string& exchange_file,
                                         const std::string& file) {
  std::vector<net::ParticipantId> owners;
  for (const exchange::Participant& each : exchange.participants) {
    if (!each.present || !each.policy_file) continue;
    if (is_same_file(fs::path(exchange_file).parent_path() / *each.policy_file, file)) {
      owners.push_back(each.id);
    }
  }
  return owners;
}

std::vector<std::string> names_of(const exchange::Exchange& exchange) {
  std::vector<std::string> names;
  for (const auto& participant : exchange.participants) names.push_back(participant.name);
  return names;
}

std::string names_of(const Subject& subject) {
  std::string names;
  for (const net::ParticipantId owner : subject.owners) {
    names += (names.empty() ? "" : " and ") + subject.exchange->participant(owner).name;
  }
  return names;
}

}  // namespace

Subjects::Subjects(const Arguments& arguments)
    : exchange_file_(arguments.value("--exchange")),
      participant_(arguments.value("--participant")) {}

const Subjects::Read& Subjects::read(const std::string& file) {
  const auto known = exchanges_.find(file);
  return known != exchanges_.end() ? known->second
                                   : exchanges_.emplace(file, read_exchange(file)).first->second;
}

Result<net::ParticipantId, ExitCode> Subjects::named(const Subject& subject,
                                                     const std::string& name) {
  const auto* participant = subject.exchange->find_participant(name);
  if (participant != nullptr) return participant->id;
  const auto meant = nearest(name, names_of(*subject.exchange));
  return fail(complain(ExitCode::kNotFound,
                       fmt::format("no participant of {} is called '{}'{}", subject.exchange_file,
                                   name, meant ? "; did you mean " + *meant + "?" : "")));
}

Result<Subject, ExitCode> Subjects::find(const std::string& file, std::string_view text) {
  Subject subject;
  const auto where = exchange_file_ ? exchange_file_ : exchange_above(file);
  if (!where) {
    subject.missing = "no exchange.yaml is beside it or above it: --exchange EXCHANGE.yaml";
    return subject;
  }
  const Read& read_here = read(*where);
  if (!read_here) return fail(read_here.error());
  subject.exchange = &*read_here;
  subject.exchange_file = *where;
  const auto name = participant_ ? participant_ : policy::block_name(text);
  if (name) {
    FABRIX_TRY(const net::ParticipantId owner, named(subject, *name));
    subject.owners = {owner};
  } else {
    subject.owners = given_to(*subject.exchange, *where, file);
  }
  if (subject.owners.empty()) {
    subject.missing = fmt::format("{} gives it to no participant: --participant NAME", *where);
  } else if (!exchange_file_ || !participant_) {
    subject.found = fmt::format("{} in {}", names_of(subject), *where);
  }
  return subject;
}

}  // namespace fabrix::app
