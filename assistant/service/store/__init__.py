"""The store (数据库) remembers companies, every version of their profiles, official dates, feed tokens and built feeds.

The only room of SQLAlchemy and Alembic. SQLite by default, PostgreSQL by URL.
"""
