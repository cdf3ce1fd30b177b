"""Reports about a cohort: a table for a terminal, CSV, JSON, a page for a browser, Markdown for an issue or a chat.

Cohort --+--> table, formats --> terminal, CSV, JSON
         +--insight--> Insight --+--> html (with grid, student, chart) --> one HTML file
                                 +--> markdown --> Markdown
"""
