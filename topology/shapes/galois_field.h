// Arithmetic in a finite field of q = p^n elements, which some graphs of small diameter are made of.
//
// Element e stands for the polynomial over the integers modulo p whose coefficients are the digits of e to the base p;
// products are taken modulo an irreducible polynomial of degree n, the first in order of its digits. For n = 1 that is
// plain arithmetic modulo p.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace orrery {

class GaloisField {
 public:
  // Empty unless q is a power of a prime, 2 ≤ q ≤ 128.
  static std::optional<GaloisField> of_order(std::uint32_t q);

  [[nodiscard]] std::uint32_t order() const { return order_; }
  [[nodiscard]] std::uint32_t add(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::uint32_t subtract(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::uint32_t multiply(std::uint32_t a, std::uint32_t b) const;
  // ξ^0 … ξ^(q−2), all elements but 0, of the least primitive element ξ.
  [[nodiscard]] const std::vector<std::uint32_t>& powers() const { return powers_; }

 private:
  GaloisField(std::uint32_t p, std::uint32_t n, std::uint32_t q) : prime_(p), degree_(n), order_(q) {}
  // The product of two polynomials modulo x^n + `modulus`.
  [[nodiscard]] std::uint32_t product(std::uint32_t a, std::uint32_t b, std::uint32_t modulus) const;
  [[nodiscard]] bool find_primitive(std::uint32_t modulus);

  std::uint32_t prime_;
  std::uint32_t degree_;
  std::uint32_t order_;
  std::vector<std::uint32_t> powers_;
  std::vector<std::uint32_t> logarithms_;  // of element e > 0, to the base ξ
};

}  // namespace orrery
