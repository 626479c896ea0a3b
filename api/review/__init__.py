"""The bench where pharmacists review: accounts, signatures, pages, and what is kept of them."""
