// Finds a field's modulus and its primitive element by trial; products then are sums of logarithms.
#include "topology/shapes/galois_field.h"

namespace orrery {

std::optional<GaloisField> GaloisField::of_order(std::uint32_t q) {
  constexpr std::uint32_t kMostElements = 128;
  if (q < 2 || q > kMostElements) return std::nullopt;
  std::uint32_t p = 2;
  while (q % p != 0) ++p;  // the least divisor is a prime
  std::uint32_t n = 0;
  for (std::uint32_t rest = q; rest > 1; rest /= p, ++n)
    if (rest % p != 0) return std::nullopt;
  GaloisField field(p, n, q);
  // A polynomial modulo which some element has all q − 1 others as its powers makes a field; one exists for every p^n.
  for (std::uint32_t modulus = 0; modulus < q; ++modulus)
    if (field.find_primitive(modulus)) return field;
  return std::nullopt;
}

bool GaloisField::find_primitive(std::uint32_t modulus) {
  for (std::uint32_t candidate = 1; candidate < order_; ++candidate) {
    powers_.clear();
    logarithms_.assign(order_, 0);
    std::vector<bool> met(order_, false);
    for (std::uint32_t power = 1; power != 0 && !met[power]; power = product(power, candidate, modulus)) {
      met[power] = true;
      logarithms_[power] = static_cast<std::uint32_t>(powers_.size());
      powers_.push_back(power);
    }
    if (powers_.size() == order_ - 1) return true;
  }
  return false;
}

std::uint32_t GaloisField::product(std::uint32_t a, std::uint32_t b, std::uint32_t modulus) const {
  if (degree_ == 1) return a * b % prime_;
  const std::uint32_t top = order_ / prime_;  // x^(n−1)
  std::uint32_t sum = 0;
  // Horner's rule over the digits of b, the highest first.
  for (std::uint32_t place = top; place > 0; place /= prime_) {
    const std::uint32_t carry = sum / top;  // what ·x moves past x^(n−1); there it equals −carry·modulus
    sum = sum % top * prime_;
    for (std::uint32_t i = 0; i < carry; ++i) sum = subtract(sum, modulus);
    for (std::uint32_t i = 0; i < b / place % prime_; ++i) sum = add(sum, a);
  }
  return sum;
}

std::uint32_t GaloisField::add(std::uint32_t a, std::uint32_t b) const {
  std::uint32_t sum = 0;
  for (std::uint32_t place = 1; place < order_; place *= prime_) sum += (a / place + b / place) % prime_ * place;
  return sum;
}

std::uint32_t GaloisField::subtract(std::uint32_t a, std::uint32_t b) const {
  std::uint32_t difference = 0;
  for (std::uint32_t place = 1; place < order_; place *= prime_)
    difference += (a / place % prime_ + prime_ - b / place % prime_) % prime_ * place;
  return difference;
}

std::uint32_t GaloisField::multiply(std::uint32_t a, std::uint32_t b) const {
  return a == 0 || b == 0 ? 0 : powers_[(logarithms_[a] + logarithms_[b]) % (order_ - 1)];
}

}  // namespace orrery
