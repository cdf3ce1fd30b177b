"""The tensor map: every tensor of the model on one page, with the shapes that the learner has noted.

Settings --> trace(Settings) --> Trace        the shapes that hooks saw in real forward passes
                 PLAN + Trace --> {name: Part} what's on the map, each part with its shape
chapters + learner's cells --> Notes           which lines of the `shapes` exercises are right
Part + Notes --> lay_out --> Sheet             boxes and arrows in their places on the page
Sheet --> paint --> SVG | PNG
"""
