// Messages: under way, come before they are awaited, awaited before they come. For simulation.h.
#include "sim/base/scrambled.h"
#include "workloads/astra/simulation.h"

namespace orrery::astra {

std::size_t Simulation::BoxHash::operator()(const Box& box) const {
  return static_cast<std::size_t>(scrambled(scrambled(scrambled(box.subject) + box.player) +
                                            (static_cast<std::uint64_t>(box.from) << 32U) + box.phase));
}

void Simulation::set_out(const Message& message) {
  if (free_messages_.empty()) {
    free_messages_.push_back(static_cast<std::uint32_t>(messages_.size()));
    messages_.emplace_back();
  }
  const std::uint32_t index = free_messages_.back();
  free_messages_.pop_back();
  messages_[index] = message;
  at(transport_.next(messages_[index].travel, now_), What::kHop, index);
}

void Simulation::hop(std::uint32_t index) {
  if (!transport_.arrived(messages_[index].travel)) {
    at(transport_.next(messages_[index].travel, now_), What::kHop, index);
    return;
  }
  const Message message = messages_[index];
  free_messages_.push_back(index);
  deliver(message);
}

void Simulation::deliver(const Message& message) {
  const auto found = mail_.find(message.box);
  if (found == mail_.end() || found->second.awaiting.empty()) {
    ++mail_[message.box].come;
  } else {
    const std::uint32_t receiver = found->second.awaiting.front();
    found->second.awaiting.pop_front();
    if (found->second.awaiting.empty()) mail_.erase(found);
    receive(message.box, receiver);
  }
  if (message.of == Message::Of::kNode) {
    node_over(message.sender, message.node);
    issue(message.sender);
  } else if (message.of == Message::Of::kCustomNode) {
    custom_over(message.sender, message.node);
  }
}

void Simulation::await(const Box& box, std::uint32_t receiver) {
  const auto found = mail_.find(box);
  if (found == mail_.end() || found->second.come == 0) {
    mail_[box].awaiting.push_back(receiver);
    return;
  }
  if (--found->second.come == 0) mail_.erase(found);
  receive(box, receiver);
}

void Simulation::receive(const Box& box, std::uint32_t receiver) {
  if (box.subject >> 32U == kOfMessages) {
    at(now_, What::kNodeOver, box.player, receiver);
    return;
  }
  if (streams_[receiver].packets) {
    streams_[receiver].packets->received();
    make_packet(receiver);
  } else if (streams_[receiver].tree) {
    climb(receiver, streams_[receiver].tree->received());
  } else {
    at(now_, What::kCustomOver, receiver, streams_[receiver].custom->receive(box.from, box.phase));
  }
}

}  // namespace orrery::astra
