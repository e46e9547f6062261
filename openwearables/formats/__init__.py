"""How dates are written where no template says it: in the admin. A folder per language, as Django looks for them."""
